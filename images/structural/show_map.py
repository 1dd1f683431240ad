"""Run by PyMOL: show the surface of the density map that is named behind `--`, at three times its standard deviation.

A model that is opened into the same window then lies in the map. The mouse wheel with Shift moves the clipping planes;
`isolevel surface, 4` in PyMOL's command line shows another level.
"""

import sys

from pymol import cmd

SIGMAS = 3.0

path = sys.argv[-1]
cmd.load(path, "map")
cmd.isosurface("surface", "map", SIGMAS)
cmd.color("lightblue", "surface")
cmd.set("transparency", 0.2, "surface")
cmd.set("two_sided_lighting", 1)
cmd.zoom("map")
