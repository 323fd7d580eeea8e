"""The web server: granian in front, whole requests in bounded thread pools behind it.

The event loop of a worker process reads each request whole, within a time and a size, before any thread is taken, so
slow clients cost no thread. Threads run the WSGI application. What does not fit their queue is refused at once.
"""
