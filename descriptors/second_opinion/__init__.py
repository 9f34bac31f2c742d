"""A second opinion on descriptors: that of tosca-parser, for whoever has it installed."""
