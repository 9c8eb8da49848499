from IPython.display import HTML, IFrame, Image, display

# The live figure, the static figure, and the notebook to download.
display(IFrame("https://SITE/{{ language }}/embed/gelu/", width="100%", height=460))
display(Image(url="https://SITE/figures/gelu-800.png", width=640, alt="{{ alt }}"))
display(HTML('<a href="https://SITE/notebooks/{{ language }}/gelu.ipynb" download>{{ notebook }}</a>'))
