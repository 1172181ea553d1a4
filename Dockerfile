# docker build -t easel .
# docker run --env-file .env --volume easel-data:/easel/data easel          (or: … easel check)

FROM python:3.13-slim AS build
COPY .ci/uv.txt /
RUN pip install --no-cache-dir --requirement /uv.txt
ENV UV_PYTHON=/usr/local/bin/python3 \
    UV_PYTHON_DOWNLOADS=never \
    UV_PROJECT_ENVIRONMENT=/opt/easel \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
WORKDIR /build
# The dependencies first: they change less often than the program.
COPY pyproject.toml README.md LICENSE ./
RUN uv sync --no-default-groups --no-install-project
COPY bot bot
COPY cogs cogs
RUN uv sync --no-default-groups --no-editable

FROM python:3.13-slim
RUN groupadd --gid 1000 easel \
    && useradd --uid 1000 --gid easel --home-dir /easel --no-create-home --shell /usr/sbin/nologin easel \
    && install --directory --owner=easel --group=easel --mode=0700 /easel /easel/data
COPY --from=build /opt/easel /opt/easel
ENV PATH=/opt/easel/bin:$PATH
USER easel
# The default DATABASE_URL is relative to this folder, and so leads into the volume.
WORKDIR /easel
VOLUME /easel/data
STOPSIGNAL SIGTERM
ENTRYPOINT ["easel"]
CMD ["run"]
