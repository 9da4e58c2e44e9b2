// Walks wait much and work little: more at once than cores. Fixtures that measure time or memory are not marked parallelizable, and run alone.
[assembly: LevelOfParallelism(4)]
