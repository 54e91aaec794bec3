"""How dates read where Django's own form for a language is not the one we write."""
