"""Why a run does not go on: facts of both sides in, one named cause with its proof out.

``facts`` and ``execution_facts`` are what was read; ``verdicts`` and ``states`` compare them; each ``…_causes`` module
holds one family of causes, ``known_faults`` the engine's own; ``classifier`` puts the causes in order.
"""
