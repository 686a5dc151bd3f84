"""Scores labelled rows with scikit-learn and prints them as one JSON object.

Standard input: JSON with `truth` and `predicted`, one per row: texts are classes, numbers are values. For classes also `labels` (all classes, in
order), `confidence` (probability of the predicted class, or null) and `weight` (or null).
"""

import json
import sys

import numpy as np
from sklearn import metrics

given = json.load(sys.stdin)
truth, predicted = given["truth"], given["predicted"]


def of_values():
    y, x = np.array(truth), np.array(predicted)
    return {
        "mae": metrics.mean_absolute_error(y, x),
        "rmse": metrics.root_mean_squared_error(y, x),
        "r2": metrics.r2_score(y, x),
        "mape": metrics.mean_absolute_percentage_error(y, x),
        "bias": float(np.mean(x - y)),
    }


def calibration(right, confidence, bins=15):
    """Expected calibration error over the bins of scikit-learn's calibration_curve, whose shares and means it takes."""
    from sklearn.calibration import calibration_curve

    share, mean = calibration_curve(right, confidence, n_bins=bins, strategy="uniform")
    rows = np.histogram(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence), bins=np.arange(bins + 1))[0]
    rows = rows[rows > 0]
    return float(np.sum(rows * np.abs(share - mean)) / np.sum(rows))


def of_classes():
    labels = given["labels"]
    right = np.array([a == b for a, b in zip(truth, predicted)]).astype(int)
    present = sorted(set(truth) | set(predicted), key=labels.index)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    scores = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "macroF1": metrics.f1_score(truth, predicted, labels=present, average="macro", zero_division=0),
        "weightedF1": metrics.f1_score(truth, predicted, average="weighted", zero_division=0),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "mcc": metrics.matthews_corrcoef(truth, predicted),
        "kappa": metrics.cohen_kappa_score(truth, predicted),
        "confusion": metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
    }
    if given.get("weight"):
        scores["weighted"] = metrics.accuracy_score(truth, predicted, sample_weight=given["weight"])
    if given.get("confidence"):
        confidence = np.array(given["confidence"])
        scores["brier"] = metrics.brier_score_loss(right, confidence)
        scores["ece"] = calibration(right, confidence)
        scores["auc"] = metrics.roc_auc_score(right, confidence) if 0 < right.sum() < len(right) else None
    return scores


print(json.dumps(of_classes() if isinstance(truth[0], str) else of_values()))
