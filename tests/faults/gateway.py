"""All rows about the gateway and about downloads."""

from collections.abc import Sequence

from tests.faults.balances import BALANCES
from tests.faults.downloads import DOWNLOADS
from tests.faults.matrix import Row
from tests.faults.statuses import STATUSES
from tests.faults.submits import SUBMITS
from tests.faults.uploads import UPLOADS

ROWS: Sequence[Row] = (*UPLOADS, *SUBMITS, *STATUSES, *BALANCES, *DOWNLOADS)
