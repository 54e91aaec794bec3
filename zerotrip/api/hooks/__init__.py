"""What others send us by themselves."""
