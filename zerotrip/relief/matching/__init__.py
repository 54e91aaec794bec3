"""Resources and matchmaking (供需对接): what is offered and wanted, who meets whom, what came of it.

Kinds are pack data (``spec.py``, ``declared.py``). A kind is parsed once into slots, rules and measures
(``kinds.py``); ``finding.py`` asks them in SQL, ``judging.py`` in Python, with reasons.
"""
