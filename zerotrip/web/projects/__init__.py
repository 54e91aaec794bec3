"""What pages of projects share, at the desk and in the portal: the picture of a plan, the curve of the money."""
