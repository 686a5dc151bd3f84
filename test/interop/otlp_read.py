"""Reads OTLP requests in JSON, one per line, with the messages that OpenTelemetry publishes; an unknown field is an error."""

import json
import sys

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest


def attributes(of):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of}


def points_of(metric):
    kind = metric.WhichOneof("data")
    for point in getattr(metric, kind).data_points:
        told = {"name": metric.name, "unit": metric.unit, "kind": kind, "attributes": attributes(point.attributes)}
        told["at"] = str(point.time_unix_nano)
        if kind == "exponential_histogram":
            counts = list(point.positive.bucket_counts)
            told |= {"count": point.count, "sum": point.sum, "scale": point.scale, "zero": point.zero_count}
            told |= {"offset": point.positive.offset, "counts": counts}
        else:
            told["value"] = point.as_double
        yield told


def main():
    metrics, logs, resources = [], [], []
    for line in sys.stdin:
        signal, body = line.split(" ", 1)
        if signal == "metrics":
            for resource in Parse(body, ExportMetricsServiceRequest()).resource_metrics:
                resources.append(attributes(resource.resource.attributes))
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        metrics.extend(points_of(metric))
        else:
            for resource in Parse(body, ExportLogsServiceRequest()).resource_logs:
                resources.append(attributes(resource.resource.attributes))
                for scope in resource.scope_logs:
                    for record in scope.log_records:
                        told = {"severity": record.severity_number, "text": record.severity_text, "body": record.body.string_value}
                        logs.append(told | {"attributes": attributes(record.attributes)})
    json.dump({"metrics": metrics, "logs": logs, "resources": resources}, sys.stdout)


main()
