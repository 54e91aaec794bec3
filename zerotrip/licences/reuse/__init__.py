"""Licences that stand in for materials (电子证照共享): who consented to which use, and what it still proves.

国务院关于在线政务服务的若干规定, arts. 6–15: what is shared is not asked for again, and an e-licence counts
as much as one on paper.
"""
