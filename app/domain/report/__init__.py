"""The triage report as a document: what is known becomes blocks in no language, which renderers draw in one."""
