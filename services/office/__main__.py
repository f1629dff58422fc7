"""`python -m services.office`: serve the department."""

from services.office.app import service
from shared.service import run

if __name__ == "__main__":
    run(service)
