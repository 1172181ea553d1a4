"""Everything that lives as long as the bot, opened in order and closed in reverse."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.budget import ByteBudget
from bot.clock import Clock, SystemClock
from bot.config import Settings
from bot.database import open_database
from bot.download import Downloader
from bot.jobs.drafts import DraftStore
from bot.jobs.engine import Engine, Policy, Tools
from bot.jobs.hints import HintStore
from bot.jobs.polling import PollPlan
from bot.jobs.preferences import PreferenceStore
from bot.jobs.records import Records
from bot.jobs.store import Store
from bot.jobs.tokens import Tokens
from bot.jobs.uploads import Uploads
from bot.limits import Limits
from bot.media import Darkroom
from bot.toapis.client import Timeouts, ToapisClient
from bot.toapis.policy import reserved_parameters

_QUERY_SHARE = 0.8  # of the account's query budget; the rest is for settling unclear submits


@dataclass(frozen=True, kw_only=True)
class Services:
    """What cogs and the bot's client are handed."""

    settings: Settings
    clock: Clock
    store: Store
    records: Records
    gateway: ToapisClient
    engine: Engine
    preferences: PreferenceStore
    hints: HintStore
    drafts: DraftStore


@asynccontextmanager
async def open_services(
    settings: Settings, clock: Clock | None = None, darkroom: Darkroom | None = None
) -> AsyncGenerator[Services]:
    """Open the database, the gateway's client and the engine.

    The engine begins to work when it is given a `Delivery`, and is stopped first.

    Args:
        settings: where everything is, and how much of it may be used.
        clock: the time that is waited for; the system's by default.
        darkroom: one that is shared, and closed by whoever opened it; by default one is opened and closed here.

    Raises:
        StartupError: the database cannot be used.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.database_url))
        store = Store(database, clock)
        gateway = await stack.enter_async_context(open_gateway(settings, clock))
        downloader = await stack.enter_async_context(
            Downloader(
                stall_timeout=settings.transfer_stall_seconds,
                total_timeout=settings.transfer_timeout_seconds,
                connect_timeout=settings.toapis_connect_timeout,
                allow_private_addresses=settings.allow_private_addresses,
            )
        )
        if darkroom is None:
            darkroom = Darkroom()
            stack.push_async_callback(darkroom.close)
        tools = Tools(
            store=store,
            uploads=Uploads(database, clock),
            tokens=Tokens(database, clock),
            gateway=gateway,
            downloader=downloader,
            darkroom=darkroom,
            budget=ByteBudget(settings.bytes_in_flight_mib * 1024 * 1024),
            clock=clock,
        )
        engine = Engine(tools, policy_of(settings))
        stack.push_async_callback(engine.stop)
        yield Services(
            settings=settings,
            clock=clock,
            store=store,
            records=store,
            gateway=gateway,
            engine=engine,
            preferences=PreferenceStore(database),
            hints=HintStore(database, clock),
            drafts=DraftStore(database, clock),
        )


def open_gateway(settings: Settings, clock: Clock) -> ToapisClient:
    """The gateway's client as the settings describe it, to be entered."""
    return ToapisClient(
        base_url=settings.toapis_base_url,
        api_key=settings.toapis_api_key,
        clock=clock,
        timeouts=Timeouts(
            connect=settings.toapis_connect_timeout,
            request=settings.toapis_request_timeout,
            stall=settings.transfer_stall_seconds,
            transfer=settings.transfer_timeout_seconds,
        ),
        submits_per_minute=settings.toapis_submits_per_minute,
        queries_per_minute=settings.toapis_queries_per_minute,
        allow_private_addresses=settings.allow_private_addresses,
    )


def policy_of(settings: Settings) -> Policy:
    """What the settings decide about jobs."""
    return Policy(
        limits=Limits(
            user_images=settings.user_images_per_window,
            window_seconds=settings.user_window_hours * 3600,
            user_jobs=settings.user_jobs_in_flight,
            bot_images_per_day=settings.bot_images_per_day,
            bot_tasks_in_flight=settings.bot_tasks_in_flight,
        ),
        polling=PollPlan(
            first=settings.poll_first_seconds,
            shortest=settings.poll_min_seconds,
            longest=settings.poll_max_seconds,
            per_second=settings.toapis_queries_per_minute / 60 * _QUERY_SHARE,
        ),
        job_timeout=settings.job_timeout_seconds,
        resubmit_after_404=settings.resubmit_after_404,
        reserved=reserved_parameters(settings.person_generation, settings.safety_settings),
    )
