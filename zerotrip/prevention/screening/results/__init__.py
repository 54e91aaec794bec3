"""What laboratories say of tubes: a file, or messages of their system. The same again changes nothing."""
