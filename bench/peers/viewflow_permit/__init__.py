"""The flow in django-viewflow: a process model, a flow class, human tasks as views."""
