"""The headers of a feed's messages, as publisher and subscriber both know them."""

INDEX = "Ksad-Feed-Index"
LEAF_HASH = "Ksad-Leaf-Hash"
ORIGIN = "Ksad-Origin"
