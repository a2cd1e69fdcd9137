"""One story per deal: which articles tell the same one, and what each adds to it."""

from worker.pipeline.stories.copying import file_copy
from worker.pipeline.stories.filing import Filing, apply_loops, file

__all__ = ["Filing", "apply_loops", "file", "file_copy"]
