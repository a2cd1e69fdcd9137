"""One story per deal: which articles tell the same one, and what each adds to it."""

from worker.pipeline.stories.accounts import unpack
from worker.pipeline.stories.claims import vouched
from worker.pipeline.stories.copying import file_copy
from worker.pipeline.stories.filing import apply_loops, file
from worker.pipeline.stories.placing import Filing

__all__ = ["Filing", "apply_loops", "file", "file_copy", "unpack", "vouched"]
