"""The portal: shows people what the services answer, and sends them what people enter."""
