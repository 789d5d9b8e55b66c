"""What can be said of docker-compose.yml without pulling an image; docs/deployment.md says what was not tried."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_embeddings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SECRETS = re.compile(r"PASSWORD$|SECRET|_KEY$|ACCESS_KEY|FERNET")
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(TEXT))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return dict(compose["services"])


def test_every_service_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {
        "postgres", "object-store", "migrate", "api-server", "scheduler", "dag-processor", "triggerer"
    }  # fmt: skip


def test_every_port_is_bound_to_loopback(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert not [port for port in ports if not port.startswith("127.0.0.1:")]


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    variables = [found.groupdict() for found in VARIABLE.finditer(TEXT)]
    assert not [each for each in variables if SECRETS.search(each["name"]) and each["kind"] != "?"]
    literal = [
        f"{name}: {variable}"
        for name, service in services.items()
        for variable, value in service.get("environment", {}).items()
        if SECRETS.search(variable) and not VARIABLE.search(value)
    ]
    assert literal == []
    assert not re.search(r"://[^:/\s]+:[^$\s]+@", TEXT), "a password stands in an address"


def test_env_example_names_every_variable_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    asked = {found["name"] for found in VARIABLE.finditer(TEXT)}
    offered = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert offered.keys() == asked
    assert not [name for name, value in offered.items() if SECRETS.search(name) and value]


def test_every_setting_reaches_the_containers(services: dict[str, Any]) -> None:
    of_this_machine = {"CATALOG_EMBEDDINGS_STATE_DIRECTORY"}  # a container keeps nothing there that outlives it
    names = {
        str(field.validation_alias or f"CATALOG_EMBEDDINGS_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    for service in ("migrate", "api-server", "scheduler", "dag-processor", "triggerer"):
        given = services[service]["environment"].keys()
        assert {name for name in given if name.startswith(("CATALOG_", "OPENAI_", "BLEND_"))} == names - of_this_machine


def test_whatever_keeps_running_has_a_healthcheck(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate"}


def test_nothing_starts_before_what_it_needs(services: dict[str, Any]) -> None:
    conditions = {
        name: {other: needed["condition"] for other, needed in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert conditions["migrate"] == {"postgres": "service_healthy"}
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert conditions[name]["migrate"] == "service_completed_successfully"
        assert conditions[name]["object-store"] == "service_healthy"
    for needs in conditions.values():
        for other, condition in needs.items():
            assert other in services
            assert condition != "service_healthy" or "healthcheck" in services[other]


def test_volumes_and_files_that_are_named_exist(compose: dict[str, Any], services: dict[str, Any]) -> None:
    sources = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    files = {source for source in sources if source.startswith("./")}
    assert sources - files == set(compose["volumes"])
    assert [name for name in files if not (ROOT / name).is_file()] == []
    builds = {service["build"]["dockerfile"] for service in services.values() if "build" in service}
    assert [name for name in builds if not (ROOT / name).is_file()] == []


def test_images_are_named_by_version(services: dict[str, Any]) -> None:
    images = {service["image"] for service in services.values() if "build" not in service}
    assert not [image for image in images if not re.search(r":\d+\.\d+", image)]


def test_the_image_runs_as_nobody_special_and_gets_what_it_copies() -> None:
    dockerfile = (ROOT / ".docker/Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["airflow"]
    copied = {word for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()}
    let_through = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert copied == let_through
