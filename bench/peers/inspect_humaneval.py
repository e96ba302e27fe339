"""Grades a samples file with Inspect, as its HumanEval evaluation grades: each
answer joined with its test and run by `python -c` in the local sandbox. No model
is called: the answers come from the file.

    inspect eval inspect_humaneval.py -T problems=HumanEval.jsonl.gz -T samples=samples.jsonl
"""

import gzip
import json

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, scorer
from inspect_ai.solver import solver
from inspect_ai.util import sandbox


@solver
def answer_from_file():
    async def solve(state, generate):
        state.output.completion = state.metadata["completion"]
        return state

    return solve


@scorer(metrics=[accuracy()])
def passes_its_test():
    async def score(state, target):
        m = state.metadata
        program = m["prompt"] + state.output.completion + "\n" + m["test"] + f"\ncheck({m['entry_point']})\n"
        result = await sandbox().exec(["python3", "-c", program], timeout=30)
        return Score(value=CORRECT if result.success else INCORRECT, explanation=result.stderr[-500:])

    return score


@task
def humaneval(problems: str, samples: str) -> Task:
    with gzip.open(problems, "rt") as f:
        known = {row["task_id"]: row for row in map(json.loads, f)}
    with open(samples) as f:
        answers = [json.loads(line) for line in f]
    return Task(
        dataset=MemoryDataset(
            [
                Sample(id=i, input=known[a["task_id"]]["prompt"], metadata={**known[a["task_id"]], "completion": a["completion"]})
                for i, a in enumerate(answers, 1)
            ]
        ),
        solver=answer_from_file(),
        scorer=passes_its_test(),
        sandbox="local",
    )
