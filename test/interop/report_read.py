"""Reads the same report from a workbook, a Parquet file, an archive of CSV and JSON, and prints what each says of the same values."""

import csv
import io
import json
import sys
import zipfile


def number(text):
    return None if text in (None, "") else float(text)


def of_workbook(path):
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)

    def rows(sheet):
        return [list(row) for row in book[sheet].iter_rows(values_only=True)]

    return told(rows("figures"), rows("devices-devices"))


def of_archive(path):
    with zipfile.ZipFile(path) as archive:

        def rows(name):
            return list(csv.reader(io.StringIO(archive.read(name + ".csv").decode("utf-8-sig"))))

        return told(rows("figures"), rows("devices-devices"))


def told(figures, devices):
    # A workbook has names for people, CSV those of the data.
    at = {name.lower(): place for place, name in enumerate(figures[0])}
    device = {name.lower(): place for place, name in enumerate(devices[0])}
    return {
        "figures": {row[at["section"]] + "/" + row[at["figure"]]: number(row[at["value"]]) for row in figures[1:]},
        "devices": {row[device["device"]]: number(row[device["requests"]]) for row in devices[1:]},
    }


def of_parquet(path):
    from pyarrow import parquet

    rows = parquet.read_table(path).to_pylist()
    figures = {}
    for row in rows:
        if row["table"] == "figures":
            figures.setdefault(row["row"], {})[row["column"]] = row["text"] if row["text"] is not None else row["number"]
    cells = [row for row in rows if row["table"] == "devices-devices" and row["column"] == "requests"]
    return {
        "figures": {one["section"] + "/" + one["figure"]: one["value"] for one in figures.values()},
        "devices": {row["key"]: row["number"] for row in cells},
    }


def of_json(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)["document"]
    figures, devices = {}, {}
    for section in document["sections"]:
        for block in section["blocks"]:
            if block["kind"] == "figures":
                for figure in block["figures"]:
                    figures[section["id"] + "/" + figure["id"]] = figure["value"]
            if block["kind"] == "table" and section["id"] == "devices":
                place = [column["id"] for column in block["columns"]].index("requests")
                devices = {row[0]: row[place] for row in block["rows"]}
    return {"figures": figures, "devices": devices}


readers = {"xlsx": of_workbook, "parquet": of_parquet, "zip": of_archive, "json": of_json}
print(json.dumps({path: readers[path.rsplit(".", 1)[1]](path) for path in sys.argv[1:]}))
