"""spaCy languages: Kazakh, Uzbek, Kyrgyz and Turkmen, and the rule that finds their sentences."""
