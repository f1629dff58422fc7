"""`python -m services.reader`: serve the department."""

from services.reader.app import service
from shared.service import run

if __name__ == "__main__":
    run(service)
