// Fixtures whose servers and processes are all their own, and that measure no time, go side by side, two at once; the others run alone after them.
[assembly: LevelOfParallelism(2)]
