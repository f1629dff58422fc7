"""`python -m services.institute`: serve the department."""

from services.institute.app import service
from shared.service import run

if __name__ == "__main__":
    run(service)
