"""The commands of ``zerotrip``, one to a module, each as ``command``."""
