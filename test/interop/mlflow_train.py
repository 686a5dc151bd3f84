"""
Trains two versions of a scikit-learn classifier, logs them at an MLflow server as ONNX, and prints what scikit-learn itself predicts. A third
model is logged as Python pickles it, which no device runs.
"""

import csv
import json
import os
import sys
import tempfile

import mlflow
import numpy
from mlflow import MlflowClient
from skl2onnx import to_onnx
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def write_rows(path, columns, rows, truth):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "cultivar"])
        # All digits of a float of 32 bits: the device computes with the very numbers that were trained on.
        writer.writerows([*(repr(float(value)) for value in row), int(label)] for row, label in zip(rows, truth))


def train(name, c):
    wine = load_wine()
    rows = wine.data.astype(numpy.float32)
    seen, unseen, seen_truth, unseen_truth = train_test_split(rows, wine.target, test_size=0.4, random_state=7, stratify=wine.target)
    with mlflow.start_run(run_name=f"wine, C {c}") as run:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000)).fit(seen, seen_truth)
        accuracy = accuracy_score(unseen_truth, model.predict(unseen))
        mlflow.log_params({"C": c, "solver": "lbfgs"})
        mlflow.log_metric("accuracy", accuracy)
        mlflow.set_tag("team", "cellar")
        converted = to_onnx(model, seen[:1], options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
        # Named here: else MLflow starts a Python of its own to find out.
        logged = mlflow.onnx.log_model(converted, name="model", pip_requirements=["onnxruntime"])
        client = MlflowClient()
        with tempfile.TemporaryDirectory() as folder:
            columns = [column.replace("/", "_per_") for column in wine.feature_names]
            write_rows(os.path.join(folder, "train.csv"), columns, seen, seen_truth)
            write_rows(os.path.join(folder, "holdout.csv"), columns, unseen, unseen_truth)
            client.log_model_artifacts(logged.model_id, folder)
        version = mlflow.register_model(logged.model_uri, name, tags={"reviewed": "yes"})
    return {
        "version": str(version.version),
        "run": run.info.run_id,
        "accuracy": accuracy,
        "rows": unseen.tolist(),
        "predicted": model.predict(unseen).tolist(),
        "probabilities": model.predict_proba(unseen).tolist(),
    }


def log_pickled(name):
    wine = load_wine()
    with mlflow.start_run(run_name="pickled"):
        model = LogisticRegression(max_iter=10_000).fit(wine.data, wine.target)
        logged = mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
        mlflow.register_model(logged.model_uri, name)


def main():
    url, name, pickled = sys.argv[1:]
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("cellar")
    versions = [train(name, c) for c in (1.0, 0.001)]
    MlflowClient().set_registered_model_alias(name, "champion", versions[0]["version"])
    log_pickled(pickled)
    json.dump(versions, sys.stdout)


main()
