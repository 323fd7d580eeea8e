"""All measured comparisons: python -m bench [--quick]."""

from bench import engine, rescore

engine.main()
rescore.main()
