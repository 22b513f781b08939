"""What a crash left unfinished: told when the window opens, completed on a word."""
