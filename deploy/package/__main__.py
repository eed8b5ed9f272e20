"""`python -m tocsin`."""

from tocsin import main

main()
