"""Who is named for which enterprise (点对点), at the desk; and the enterprises one is named for oneself."""
