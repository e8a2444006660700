# The bridge and nothing else: no compiler, no embedded broker, no tests.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
WORKDIR /src
COPY . .
# A virtual environment without pip of its own; compiled now, because the running container can write nothing there.
RUN python -m venv --without-pip /opt/charger2mqtt \
    && python -m pip --python /opt/charger2mqtt/bin/python install --no-cache-dir --compile --constraint constraints.txt .

FROM python:${PYTHON_VERSION}-slim
LABEL org.opencontainers.image.title="charger2mqtt" \
      org.opencontainers.image.description="Bridges EV chargers (go-e, Wallbox, Webasto, Podero) to MQTT and Home Assistant" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/charger2mqtt /opt/charger2mqtt
# The user is a number only: nothing looks up its name, and Kubernetes sees from a number that it is not root.
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/charger2mqtt \
    && install -d /etc/charger2mqtt
ENV PATH=/opt/charger2mqtt/bin:$PATH \
    STATE_DIRECTORY=/var/lib/charger2mqtt
VOLUME /var/lib/charger2mqtt
USER 10001:10001
# The status page. It listens on the container's own 127.0.0.1 until http.listen says 0.0.0.0:8099.
EXPOSE 8099
# It asks the status page from inside, so http.listen must not be null. Each check starts a Python: once a minute is often enough.
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["charger2mqtt", "health"]
# The exec form: the bridge is PID 1 itself and gets SIGTERM.
ENTRYPOINT ["charger2mqtt"]
CMD ["run"]
