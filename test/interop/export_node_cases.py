"""Writes the node test vectors of the PyPI package onnx in a form that any program reads.

Arguments: a folder, and how many cases (0: all; a sample is the same every time).
Prints JSON: the cases with tensors as files of raw little-endian bytes, and how many were left out, by reason.
"""

import json
import random
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

DATATYPES = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "object": "BYTES",
}
CONTROL_FLOW = {"If", "Loop", "Scan"}


class LeftOut(Exception):
    pass


def kind_of(value):
    """The field of the type that is set: tensor_type, sequence_type, optional_type …"""
    return value.type.WhichOneof("value")


def operators(graph):
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                yield from operators(inner)


def tensor_of(info, array, path):
    array = numpy_helper.to_array(array) if isinstance(array, TensorProto) else np.asarray(array)
    if array.dtype.kind in "USO" or str(array.dtype) == "object":
        texts = [text.decode() if isinstance(text, bytes) else str(text) for text in array.ravel().tolist()]
        data = b"".join(len(text.encode()).to_bytes(4, "little") + text.encode() for text in texts)
        datatype = "BYTES"
    else:
        datatype = DATATYPES.get(str(array.dtype))
        if datatype is None:
            raise LeftOut(f"type {array.dtype}")
        data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    if array.size == 0:
        raise LeftOut("a tensor without elements")
    if array.ndim > 8:
        raise LeftOut("more than 8 dimensions")
    path.write_bytes(data)
    return {"name": info.name, "datatype": datatype, "shape": list(array.shape), "file": str(path)}


def export(case, folder, index):
    graph = case.model.graph
    values = [*graph.input, *graph.output]
    for value in values:
        if kind_of(value) != "tensor_type":
            raise LeftOut((kind_of(value) or "no type").replace("_type", " type"))
    if not graph.input:
        raise LeftOut("no input")
    if any(name == "" for name in [value.name for value in values]):
        raise LeftOut("an optional input left out")
    if CONTROL_FLOW & set(operators(graph)):
        raise LeftOut("control flow operator")
    path = folder / f"{index}.onnx"
    path.write_bytes(case.model.SerializeToString())
    sets = []
    for number, (inputs, outputs) in enumerate(case.data_sets):
        if len(inputs) != len(graph.input) or len(outputs) != len(graph.output):
            raise LeftOut("an optional input left out")
        sides = (("in", graph.input, inputs), ("out", graph.output, outputs))
        sets.append({side: [tensor_of(info, array, folder / f"{index}.{number}.{side}.{i}") for i, (info, array) in enumerate(zip(infos, arrays))]
                     for side, infos, arrays in sides})
    return {"name": case.name, "model": str(path), "rtol": case.rtol, "atol": case.atol, "sets": sets}


folder = Path(sys.argv[1])
wanted = int(sys.argv[2])
cases = sorted(collect_testcases(None), key=lambda case: case.name)
total = len(cases)
if wanted:
    cases = random.Random(4).sample(cases, min(wanted, total))
left_out = Counter()
exported = []
for index, case in enumerate(cases):
    try:
        exported.append(export(case, folder, index))
    except LeftOut as reason:
        left_out[str(reason)] += 1
print(json.dumps({"total": total, "chosen": len(cases), "leftOut": left_out, "cases": exported}))
