"""Projects and leads at the desk."""
