"""What would have been: verdicts compared, stories as they stood, what rules tell, what stopped an article."""
