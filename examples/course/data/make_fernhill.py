"""Make `fernhill.csv`: one year at an imaginary weather station, from nothing but a seed.

Fernhill is a hill station at 54° N, 480 m above the sea. It does not exist, so the data are free of anybody's
rights, small enough to read, and the same on every machine: `python make_fernhill.py` writes the same bytes.

The model is the simplest that still looks like weather. Every three hours, as real stations report:

- pressure wanders slowly around its mean (a first-order autoregressive process): highs and lows pass by;
- low pressure brings rain, wind and mild nights; high pressure brings sun, so warm afternoons and cold nights;
- temperature is the season, plus the hour of the day, plus an air mass that comes and goes within days;
- relative humidity falls when it gets warmer and rises when it rains;
- rain falls in spells, and more of it falls in autumn;
- in August the thermometer fails for two days, as happens to the best of stations: those cells are empty.
"""

import csv
import math
import random
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2025, 1, 1)
STEP = timedelta(hours=3)
OUTAGE = (datetime(2025, 8, 12, 9), datetime(2025, 8, 14, 9))


def season(time: datetime, warmest_day: int) -> float:
    """Return 1 on the warmest day of the year, -1 half a year later."""
    day = time.timetuple().tm_yday + time.hour / 24
    return math.cos(2 * math.pi * (day - warmest_day) / 365.25)


def observations(seed: int = 54480):
    """Yield a row for each three hours of the year."""
    chance = random.Random(seed)
    high_low, air_mass, raining = 0.0, 0.0, False
    time = START
    while time.year == START.year:
        # Each process forgets a little of its past and gets a push: 3 % and 5 % in three hours.
        high_low = 0.97 * high_low + chance.gauss(0, 2.2)
        air_mass = 0.95 * air_mass + chance.gauss(0, 0.9)
        summer = season(time, warmest_day=205)

        wetness = 1 / (1 + math.exp(high_low / 4 + 1.9))
        raining = chance.random() < (0.6 + wetness / 2 if raining else wetness / 2)
        autumn = season(time, warmest_day=300)
        rain = chance.expovariate(1) * (1.1 + 0.5 * autumn) if raining else 0.0

        sunshine = max(0.15, min(1.0, 0.55 + high_low / 25)) * (0.25 if raining else 1)
        afternoon = math.cos(2 * math.pi * (time.hour - 15) / 24)
        temperature = 7.8 + 6.9 * summer + air_mass + (1.2 + 3.2 * sunshine * (1 + summer) / 2) * afternoon

        humidity = 79 - 9 * sunshine * afternoon - 4 * summer + (11 if raining else 0) + chance.gauss(0, 3)
        wind = chance.weibullvariate(4.6 - high_low / 9 - summer * 0.7, 2.1)
        direction = (245 - 2.5 * high_low + chance.gauss(0, 55)) % 360

        broken = OUTAGE[0] <= time < OUTAGE[1]
        yield [
            time.isoformat(sep=" ", timespec="minutes"),
            "" if broken else f"{temperature:.1f}",
            round(min(100, max(25, humidity))),
            f"{956.5 + high_low:.1f}",
            f"{max(0.2, wind):.1f}",
            round(direction / 10) % 36 * 10,
            f"{rain:.1f}",
        ]
        time += STEP


if __name__ == "__main__":
    with (Path(__file__).parent / "fernhill.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time", "temperature", "humidity", "pressure", "wind", "direction", "rain"])
        writer.writerows(observations())
