"""Names of the headers of feed messages, used by publisher and subscriber."""

INDEX = "Ksad-Feed-Index"
LEAF_HASH = "Ksad-Leaf-Hash"
ORIGIN = "Ksad-Origin"
