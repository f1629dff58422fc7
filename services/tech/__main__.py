"""`python -m services.tech`: serve the department."""

from services.tech.app import service
from shared.service import run

if __name__ == "__main__":
    run(service)
