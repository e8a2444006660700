# The bridge and nothing else: no shell, no package manager, no compiler, no embedded broker, no tests.
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
WORKDIR /src
COPY . .
# The virtual environment has no pip of its own, and loses what typer would bring for pretty help texts and nothing of
# ours imports. What is left is gathered in /rootfs with the interpreter and the libraries it loads. Nothing here
# depends on the processor.
RUN python -m venv --without-pip /opt/charger2mqtt \
    && python -m pip --python /opt/charger2mqtt/bin/python install --no-cache-dir --no-compile --constraint constraints.txt . \
    && python -m pip --python /opt/charger2mqtt/bin/python uninstall --yes rich pygments markdown-it-py mdurl \
    && python scripts/image_root.py /opt/charger2mqtt /rootfs \
    && install -d -m 0755 /rootfs/etc/charger2mqtt /rootfs/var/lib \
    && install -d -m 0700 /state/charger2mqtt

FROM scratch AS bridge
ARG VERSION=unknown
LABEL org.opencontainers.image.title="charger2mqtt" \
      org.opencontainers.image.description="Bridges EV chargers (go-e, Wallbox, Webasto, Podero) to MQTT and Home Assistant" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /rootfs /
# The user is a number only: nothing looks up its name, and Kubernetes sees from a number that it is not root.
COPY --from=build --chown=10001:10001 /state/ /var/lib/
# The status page listens on all addresses of the container, which are its own: published ports lead to those, never to
# its 127.0.0.1. This stands above http.listen in the file. In the host's network say 127.0.0.1:8099 instead.
ENV PATH=/opt/charger2mqtt/bin \
    LANG=C.UTF-8 \
    STATE_DIRECTORY=/var/lib/charger2mqtt \
    CHARGER2MQTT_HTTP__LISTEN=0.0.0.0:8099
EXPOSE 8099
# The exec form: the bridge is PID 1 itself and gets the signals. SIGTERM stops it, SIGHUP reads the configuration again.
ENTRYPOINT ["charger2mqtt"]

FROM bridge
USER 10001:10001
VOLUME ["/var/lib/charger2mqtt"]
# It asks the status page from inside; who switches that off switches this off as well. Each check starts a Python: once
# a minute is often enough.
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["charger2mqtt", "health"]
CMD ["run"]
