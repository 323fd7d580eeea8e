# The running system: web, worker and beat are the same image with different commands.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements/ requirements/
RUN python requirements/install.py base

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /home/sesame sesame
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --chown=sesame . .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 SESAME_VAR=/app/var METRICS_FOLDER=/tmp/metrics
RUN mkdir -p var && chown sesame var
USER sesame
# Collecting needs no database; these addresses are never opened.
RUN SECRET_KEY=unused DATABASE_URL=postgresql://unused@unused/unused REDIS_URL=redis://unused/0 \
    python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["python", "-m", "sesame_site", "web", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
