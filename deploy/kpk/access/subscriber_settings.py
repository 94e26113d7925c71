"""Connection settings for a subscriber's programs: an environment for the samples, text to paste for each client."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from shared.contracts.asyncapi import types_on
from shared.contracts.topics import TOPICS
from shared.runtime.kafka.access import MECHANISM, KafkaAccess

FASTSTREAM = """\
import ssl
from pathlib import Path
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512

password = Path({password_file}).read_text().strip()
security = SASLScram512(username={user}, password=password, {faststream_tls})
broker = KafkaBroker({bootstrap}, security=security)
subscriber = broker.subscriber(  # batches, acknowledged when you have done what follows: docs/subscribers/python
    *{topics}, group_id={group}, batch=True,
    ack_policy=AckPolicy.MANUAL, auto_offset_reset="earliest", isolation_level="read_committed",
)
"""

AIOKAFKA = """\
import ssl
from pathlib import Path
from aiokafka import AIOKafkaConsumer

consumer = AIOKafkaConsumer(
    *{topics}, bootstrap_servers={bootstrap}, group_id={group},
    security_protocol={protocol}, sasl_mechanism={mechanism}, sasl_plain_username={user},
    sasl_plain_password=Path({password_file}).read_text().strip(), ssl_context={ssl_context},
    enable_auto_commit=False, auto_offset_reset="earliest", isolation_level="read_committed",
)
"""

JAVA = """\
bootstrap.servers={bootstrap}
group.id={group}
security.protocol={protocol}
sasl.mechanism={mechanism}
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="{user}" password="${{dir:{folder}:{password_name}}}";
config.providers=dir
config.providers.dir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider
enable.auto.commit=false
auto.offset.reset=earliest
isolation.level=read_committed
"""

JAVA_TLS = """\
ssl.truststore.type=PEM
ssl.truststore.location={ca_file}
"""

NODE = """\
import {{ readFileSync }} from "node:fs";
import {{ Kafka }} from "kafkajs";

const password = readFileSync({password_file}, "utf8").trim();
const kafka = new Kafka({{
  brokers: [{bootstrap}], ssl: {node_tls},
  sasl: {{ mechanism: "scram-sha-512", username: {user}, password }},
}});
const consumer = kafka.consumer({{ groupId: {group} }});
await consumer.connect();
await consumer.subscribe({{ topics: {topics}, fromBeginning: true }});
"""


@dataclass(frozen=True, slots=True)
class Settings:
    kafka: KafkaAccess
    """The operator's settings: address and encryption are the same for the subscriber."""
    user: str
    password_file: Path
    topics: Sequence[str]
    """Topics of events."""
    states: Sequence[str] = ()
    """Topics of states."""

    @classmethod
    def of(
        cls, kafka: KafkaAccess, user: str, password_file: Path, topics: Sequence[str], states: Sequence[str] = ()
    ) -> Settings:
        return cls(kafka, user, password_file.resolve(), topics, states)

    @property
    def group(self) -> str:
        return f"{self.user}.main"

    @property
    def environment(self) -> dict[str, str]:
        """In the form that the samples in `docs/subscribers` read."""
        authority = {"SUBSCRIBER_CA_FILE": str(self.kafka.ca_file)} if self.kafka.ca_file else {}
        return {
            "SUBSCRIBER_BOOTSTRAP": self.kafka.bootstrap,
            "SUBSCRIBER_PROTOCOL": self.kafka.protocol,
            **authority,
            "SUBSCRIBER_USER": self.user,
            "SUBSCRIBER_PASSWORD_FILE": str(self.password_file),
            "SUBSCRIBER_GROUP": self.group,
            "SUBSCRIBER_TOPICS": ",".join(self.topics),
            "SUBSCRIBER_STATE_TOPICS": ",".join(self.states),
            "SUBSCRIBER_TYPES": ",".join(self.types),
        }

    @property
    def types(self) -> list[str]:
        """All types on these topics; a subscriber that needs fewer removes the others."""
        return sorted(name for topic in TOPICS if topic.name in self.topics for name in types_on(topic))

    def snippets(self) -> dict[str, str]:
        quoted = {name: json.dumps(told) for name, told in self._told().items()}
        has_tls, ca_file = self.kafka.has_tls, json.dumps(str(self.kafka.ca_file))
        context = f"ssl.create_default_context(cafile={ca_file})" if has_tls else "None"
        python = {
            **quoted,
            "ssl_context": context,
            "faststream_tls": f"use_ssl=True, ssl_context={context}" if has_tls else "use_ssl=False",
        }
        node = {**quoted, "node_tls": f"{{ ca: [readFileSync({ca_file})] }}" if has_tls else "false"}
        java = {**self._told(), "folder": self.password_file.parent, "password_name": self.password_file.name}
        return {
            "Python, FastStream": FASTSTREAM.format(**python),
            "Python, aiokafka": AIOKAFKA.format(**python),
            "Java, consumer.properties": (JAVA + (JAVA_TLS if has_tls else "")).format(
                **java, ca_file=self.kafka.ca_file
            ),
            "Node, kafkajs": NODE.format(**node),
        }

    def text(self) -> str:
        exports = "".join(f"export {name}={quote(value)}\n" for name, value in self.environment.items())
        parts = "".join(f"\n# {title}\n{snippet}" for title, snippet in self.snippets().items())
        return f"# {self.user}, whose consumer groups begin with {self.user}.\n{exports}{parts}"

    def as_json(self) -> dict[str, Any]:
        return {"user": self.user, "environment": self.environment, "settings": self.snippets()}

    def _told(self) -> dict[str, Any]:
        return {
            "bootstrap": self.kafka.bootstrap,
            "protocol": self.kafka.protocol,
            "mechanism": MECHANISM,
            "user": self.user,
            "password_file": str(self.password_file),
            "group": self.group,
            "topics": list(self.topics),
        }
