"""What the workshop made in a month: pages scanned and printed, volumes bound, books mended. Serves RES-DIG-02."""
