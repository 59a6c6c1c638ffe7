"""Run once while the site is built. It does what the notebooks do: what it reads, a learner's browser fetches first."""

from pathlib import Path

import ipywidgets as widgets
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

# a table
weather = pd.read_csv(Path.home() / "data" / "fernhill.csv", parse_dates=["time"], index_col="time")
months = weather.groupby(weather.index.strftime("%m %b")).agg({"temperature": "mean", "rain": "sum"})
display(months.round(1))
pd.qcut(weather["pressure"], 4)
pd.crosstab(weather["direction"], pd.cut(weather["wind"], [0, 5, np.inf]))

# figures: lines with dates, and a polar one with a legend
days = weather.resample("D").mean()
figure, axes = plt.subplots(layout="constrained")
axes.plot(days["temperature"].rolling(7).mean())
axes.set_title("Fernhill", loc="left", fontweight="bold")
axes.xaxis.set_major_locator(mdates.MonthLocator())
axes.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
plt.show()

figure, axes = plt.subplots(subplot_kw={"projection": "polar"}, layout="constrained")
axes.bar([0, 1], [1, 2], color=plt.cm.viridis([0.2, 0.8]), label="wind")
axes.legend()
plt.show()

days.plot()
plt.close("all")
np.random.default_rng(1).normal()

# a slider
widgets.interact(lambda days: display(days), days=widgets.IntSlider(value=1, min=1, max=3))
