"""`python -m services.resources`: serve the department."""

from services.resources.app import service
from shared.service import run

if __name__ == "__main__":
    run(service)
