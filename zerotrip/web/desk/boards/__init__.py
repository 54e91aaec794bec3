"""The supervision boards: numbers, the lists behind them, a ranking, slow steps."""
