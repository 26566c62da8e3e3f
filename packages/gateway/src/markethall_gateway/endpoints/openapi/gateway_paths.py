"""The operations that are the gateway's own and stand in no contract: is it there, is it well."""

from typing import Any, Final

from markethall_gateway.endpoints.openapi.schemas import Schema

TAG: Final = "Gateway"

_TEXT: Final[Schema] = {"type": "string"}
_STATUS: Final[Schema] = {"type": "string", "examples": ["healthy", "unhealthy"]}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}

_PING_EXAMPLE: Final = {
    "message": "Core Engine ping successful",
    "healthy": True,
    "status": "healthy",
    "version": "0.1.0",
    "timestamp": "2026-11-23T13:30:00Z",
}
_NO_PING_EXAMPLE: Final = {
    "message": "Core Engine ping failed",
    "healthy": False,
    "status": "unhealthy",
    "version": "unknown",
    "timestamp": "2026-11-23T13:30:00Z",
    "error": "127.0.0.1:50052 did not answer: connection refused",
}


def _health_example(status: str, version: str, processors: str) -> dict[str, Any]:
    return {
        "status": status,
        "timestamp": "2026-11-23T13:30:00Z",
        "services": {
            "api_gateway": {"status": "healthy", "version": "0.1.0", "environment": "development"},
            "core_engine": {
                "status": status,
                "version": version,
                "details": {"service": "core-engine", "port": "50052", "processors": processors},
            },
        },
    }


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


SCHEMAS: Final[dict[str, Schema]] = {
    "Ping": {
        **_object(message=_TEXT, healthy={"type": "boolean"}, status=_STATUS, version=_TEXT, timestamp=_TIME),
        "description": "Whether a service answers.",
    },
    "Health": {
        **_object(
            status=_STATUS,
            timestamp=_TIME,
            services=_object(
                api_gateway=_object(status=_STATUS, version=_TEXT, environment=_TEXT),
                core_engine=_object(
                    status=_STATUS,
                    version=_TEXT,
                    details=_object(service=_TEXT, port=_TEXT, processors=_TEXT),
                ),
            ),
        ),
        "description": "How every service is.",
    },
}
SCHEMAS["Ping"]["properties"]["error"] = {
    **_TEXT,
    "description": "Which address did not answer and why; only when it did not.",
}


def gateway_paths() -> dict[str, dict[str, Any]]:
    """The operations by path and method."""
    healthy, unhealthy = (
        _health_example("healthy", "0.1.0", "4"),
        _health_example("unhealthy", "unknown", "unknown"),
    )
    ping = {**_PING_EXAMPLE, "message": "API Gateway ping successful"}
    return {
        "/health": _get(
            "Health",
            "Says how every service is",
            {"200": ("Every service is healthy.", healthy), "503": ("A service is not.", unhealthy)},
        ),
        "/ping": _get("Ping", "Says that the gateway is there", {"200": ("It is.", ping)}),
        "/ping/core-engine": _get(
            "Ping",
            "Says whether the core engine is there",
            {"200": ("It is.", _PING_EXAMPLE), "503": ("It is not.", _NO_PING_EXAMPLE)},
            operation_id="PingCoreEngine",
        ),
    }


def _get(
    schema: str, summary: str, answers: dict[str, tuple[str, dict[str, Any]]], operation_id: str = ""
) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    responses = {
        status: {
            "description": description,
            "content": {"application/json": {"schema": reference, "example": example}},
        }
        for status, (description, example) in answers.items()
    }
    return {
        "get": {
            "operationId": operation_id or schema,
            "tags": [TAG],
            "summary": summary,
            "responses": responses,
        }
    }
