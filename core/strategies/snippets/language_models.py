"""A causal language model by transformers, and the two pointwise ways to ask it."""

from __future__ import annotations

from core.domain.models import ModelEntry, ModelKind
from core.domain.systems import System
from core.strategies.snippets.asked import Asked, first_request
from core.strategies.snippets.script import BY_SCORE, NotInFewLinesError, Script, identifier, located

_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
_MODEL = '''
class LanguageModel:
    """What a causal language model expects after a text."""

    def __init__(self, name: str, dtype: torch.dtype, **options: str) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(name, **options)
        self.model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype, **options).eval()

    def clean(self, text: str) -> str:
        """No text can smuggle in a control token."""
        for token in self.tokenizer.all_special_tokens:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    @torch.inference_mode()
    def after(self, ids: list[int], start: int) -> torch.Tensor:
        """Log-probabilities of every token after ``ids[:start]``, after ``ids[:start + 1]`` and so on."""
        return self.model(torch.tensor([ids])).logits[0, start - 1 :].double().log_softmax(-1)
'''
LABELS = '''
def label_masses(model: LanguageModel, system: str, user: str, labels: list[str]) -> torch.Tensor:
    """How likely the answer is one of the first half of the labels, and one of the second half: two logarithms."""
    turns = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    if model.tokenizer.chat_template:
        before = []
        prompt = model.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    else:
        before = model.tokenizer("").input_ids
        prompt = f"{system}\\n{user}"

    def ids(text: str) -> list[int]:
        return model.tokenizer(text, add_special_tokens=False).input_ids

    start, stems, found = [*before, *ids(prompt)], {}, []
    for label in labels:
        joined = [*before, *ids(prompt + label)]
        tail = joined[len(start) :] if joined[: len(start)] == start else ids(label)
        stem = tuple(tail[:-1])
        if stem not in stems:  # labels of one token share a pass
            stems[stem] = model.after([*start, *stem], len(start))
        found.append(sum(stems[stem][step, token] for step, token in enumerate(tail)))
    return torch.stack(found).reshape(2, -1).logsumexp(1)
'''
_PASSAGE = '''
def passage(text: str) -> str:
    """A document cannot end its own passage."""
    return re.sub(r"<(\\s*/?\\s*passage)", r"(\\1", text, flags=re.IGNORECASE)
'''
_YES_NO = """    scores = []
    for document in documents:
        user = {user}.format(first=passage({model}.clean(document)), query={model}.clean(query))
        yes, no = label_masses({model}, {system}, user, {labels})
        scores.append(torch.sigmoid(yes - no).item())
"""
_LIKELIHOOD = """    scores = []
    before = {model}.tokenizer("").input_ids
    for document in documents:
        prompt = {user}.format(first=passage({model}.clean(document)))
        whole = prompt + {model}.clean({continuation}.format(query=query))
        found = {model}.tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
        ids = [*before, *found.input_ids]
        start = len(before) + sum(end <= len(prompt) for _, end in found.offset_mapping)
        steps = {model}.after(ids[:-1], start)
        scores.append(sum(steps[step, token].item() for step, token in enumerate(ids[start:])))
"""


def yes_no(script: Script, system: System, name: str) -> None:
    """Is the passage relevant: yes rather than no."""
    asked, model = prepared(script, system)
    prompts = constants(script, system, asked)
    script.once(LABELS)
    script.function(name, _YES_NO.format(model=model, **prompts) + BY_SCORE)


def query_likelihood(script: Script, system: System, name: str) -> None:
    """How probable the query is after the document."""
    asked, model = prepared(script, system)
    prompts = constants(script, system, asked)
    script.function(name, _LIKELIHOOD.format(model=model, **prompts) + BY_SCORE)


def prepared(script: Script, system: System) -> tuple[Asked, str]:
    """What is asked, and the variable that holds the loaded model."""
    ((_, model),) = system.slots
    if model.kind is not ModelKind.CAUSAL_LM:
        raise NotInFewLinesError(f"{model.id} is no local language model.")
    if model.option("thinking"):
        raise NotInFewLinesError(f"{model.id} is told whether to think first.")
    script.use(
        "import re",
        "import torch",
        "from transformers import AutoModelForCausalLM, AutoTokenizer",
        packages=("torch", "transformers"),
    )
    script.once(_MODEL)
    script.once(_PASSAGE)
    variable = identifier(model.id)
    script.once(f"{variable} = LanguageModel({located(script, model)}, dtype=torch.{_DTYPES[model.precision]})")
    _told(script, model)
    return first_request(system), variable


def constants(script: Script, system: System, asked: Asked) -> dict[str, str]:
    """Prompts and labels as constants of the module; their names."""
    prefix = identifier(system.strategy).upper()
    names = {"user": f"{prefix}_USER"}
    lines = [f"{names['user']} = {asked.user!r}"]
    for part, value in (("system", asked.system), ("labels", list(asked.labels)), ("continuation", asked.continuation)):
        if value:
            names[part] = f"{prefix}_{part.upper()}"
            lines.append(f"{names[part]} = {value!r}")
    script.once("\n".join(lines))
    return names


def _told(script: Script, model: ModelEntry) -> None:
    script.notes[f"Documents are not shortened here; keep prompts under the {model.max_length:,} tokens measured."] = (
        None
    )
    if ".gguf" in model.title.lower() or "gguf" in model.title.lower():
        script.notes[f"Runoff measured a quantised copy: {model.title}. Other weights give slightly other scores."] = (
            None
        )
