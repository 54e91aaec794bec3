"""An applicant's own projects."""
