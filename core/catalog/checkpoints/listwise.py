"""Language models trained to order, group or pick from several documents at once."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import UNVERIFIED, Checkpoint, Page, card, config, files
from core.domain.models import GENERAL, ModelKind

_RANK_LLM = Page("https://github.com/castorini/rank_llm")
_DEAR = Page("https://github.com/DataScienceUIBK/DeAR-Reranking")
_DIVER = Page("https://github.com/AQ-MedAI/Diver")
_TEMPLATES = {"rank-zephyr": "rank-zephyr", "rank-vicuna": "rank-vicuna", "first": "first-trained"}
_ADAPTER = "only a LoRA adapter lies on the hub; it must be merged with its base model {base} first"


def _castorini(name: str, title: str, form: str, paper: str, trained_on: str, licence: str | None) -> Checkpoint:
    """List rerankers of 7B that RankLLM runs."""
    hub_id = f"castorini/{name}"
    return Checkpoint(
        id=name.replace("_", "-"),
        title=title,
        hub_id=_RANK_LLM.says(hub_id),
        kind=files(hub_id).says(ModelKind.CAUSAL_LM) if licence else _RANK_LLM.says(ModelKind.CAUSAL_LM),
        formats=_RANK_LLM.says((form,)),
        template=_RANK_LLM.says(_TEMPLATES[form]),
        max_length=_RANK_LLM.says(4096),
        size=_RANK_LLM.says(7_000_000_000),
        licence=files(hub_id).says(licence) if licence else UNVERIFIED,
        languages=files(hub_id).says(("en",)) if licence else UNVERIFIED,
        trained_on=Page(paper).says(trained_on),
        needs_code=files(hub_id).says(False) if licence else UNVERIFIED,
    )


def _reasonrank(size_name: str, size: int) -> Checkpoint:
    hub_id = f"liuwenhan/reasonrank-{size_name}"
    said = card(hub_id)
    return Checkpoint(
        id=f"reasonrank-{size_name.lower()}",
        title=f"ReasonRank {size_name}",
        hub_id=said.says(hub_id),
        kind=said.says(ModelKind.CAUSAL_LM),
        formats=said.says(("reasonrank",)),
        template=said.says("reason-rank-trained"),
        size=said.says(size),
        licence=said.says("mit"),
        languages=said.says(("en",)),
        trained_on=said.says(f"reasonrank_data_13k: finetuned, then reinforcement, on Qwen2.5-{size_name}-Instruct"),
        needs_code=said.says(False),
    )


def _rank_r1(size_name: str, size: int) -> Checkpoint:
    """LoRA adapters: adapter_model.safetensors and no config.json."""
    hub_id = f"ielabgroup/Rank-R1-{size_name}-v0.1"
    base = f"Qwen/Qwen2.5-{size_name}-Instruct"
    return Checkpoint(
        id=f"rank-r1-{size_name.lower()}-v0.1",
        title=f"Rank-R1 {size_name} v0.1",
        hub_id=files(hub_id).says(hub_id),
        kind=card("ielabgroup/Rank-R1-14B-v0.1").says(ModelKind.CAUSAL_LM),
        formats=card("ielabgroup/Rank-R1-14B-v0.1").says(("rank-r1", GENERAL)),
        size=Page("https://arxiv.org/abs/2503.06034").says(size),
        licence=files(hub_id).says("apache-2.0"),
        trained_on=card("ielabgroup/Rank-R1-14B-v0.1").says("MS MARCO passages, reinforcement (GRPO)"),
        needs_code=files(hub_id).says(False),
        obstacle=files(hub_id).says(_ADAPTER.format(base=base)),
    )


LISTWISE: tuple[Checkpoint, ...] = (
    _castorini(
        "rank_zephyr_7b_v1_full",
        "RankZephyr 7B",
        "rank-zephyr",
        "https://arxiv.org/abs/2312.02724",
        "Orders of MS MARCO passages by RankGPT-3.5 and RankGPT-4",
        "mit",
    ),
    _castorini(
        "rank_vicuna_7b_v1",
        "RankVicuna 7B",
        "rank-vicuna",
        "https://arxiv.org/abs/2309.15088",
        "Orders of MS MARCO passages by RankGPT-3.5",
        None,
    ),
    _castorini(
        "first_mistral",
        "FirstMistral 7B",
        "first",
        "https://arxiv.org/abs/2411.05508",
        "FIRST: language modelling and a ranking loss on the first token's logits",
        "mit",
    ),
    Checkpoint(
        id="rankmistral100",
        title="RankMistral100 7B, all passages at once",
        hub_id=card("liuwenhan/RankMistral100").says("liuwenhan/RankMistral100"),
        kind=config("liuwenhan/RankMistral100").says(ModelKind.CAUSAL_LM),
        formats=card("liuwenhan/RankMistral100").says(("rankmistral-full",)),
        template=card("liuwenhan/RankMistral100").says("full-list-trained"),
        max_length=config("liuwenhan/RankMistral100").says(32_768),
        size=card("liuwenhan/RankMistral100").says(7_000_000_000),
        licence=card("liuwenhan/RankMistral100").says("mit"),
        languages=card("liuwenhan/RankMistral100").says(("en",)),
        trained_on=card("liuwenhan/RankMistral100").says("Full lists by GPT-4o, on Mistral-7B-Instruct-v0.3"),
        needs_code=config("liuwenhan/RankMistral100").says(False),
    ),
    _reasonrank("7B", 7_600_000_000),
    _reasonrank("32B", 32_800_000_000),
    _rank_r1("7B", 7_600_000_000),
    _rank_r1("14B", 14_800_000_000),
    Checkpoint(
        id="dear-8b-reranker-listwise-v1",
        title="DeAR listwise 8B",
        hub_id=_DEAR.says("abdoelsayed/dear-8b-reranker-listwise-v1"),
        kind=_DEAR.says(ModelKind.CAUSAL_LM),
        formats=_DEAR.says(("dear-listwise",)),
        template=_DEAR.says("dear-listwise-trained"),
        size=_DEAR.says(8_000_000_000),
        trained_on=_DEAR.says("20k examples of reasoning by GPT-4o"),
        needs_code=_DEAR.says(False),
    ),
    Checkpoint(
        id="diver-grouprank-7b",
        title="GroupRank 7B",
        hub_id=card("AQ-MedAI/Diver-GroupRank-7B").says("AQ-MedAI/Diver-GroupRank-7B"),
        kind=card("AQ-MedAI/Diver-GroupRank-7B").says(ModelKind.CAUSAL_LM),
        formats=card("AQ-MedAI/Diver-GroupRank-7B").says(("grouprank", GENERAL)),
        max_length=_DIVER.says(32_768),
        size=_DIVER.says(7_000_000_000),
        licence=card("AQ-MedAI/Diver-GroupRank-7B").says("apache-2.0"),
        languages=card("AQ-MedAI/Diver-GroupRank-7B").says(("en",)),
        trained_on=card("AQ-MedAI/Diver-GroupRank-7B").says("reasonrank_data_13k, on Qwen2.5-7B-Instruct"),
        needs_code=card("AQ-MedAI/Diver-GroupRank-7B").says(False),
    ),
    Checkpoint(
        id="diver-grouprank-32b",
        title="GroupRank 32B",
        hub_id=_DIVER.says("AQ-MedAI/Diver-GroupRank-32B"),
        kind=_DIVER.says(ModelKind.CAUSAL_LM),
        formats=_DIVER.says(("grouprank", GENERAL)),
        max_length=_DIVER.says(32_768),
        size=_DIVER.says(32_000_000_000),
        needs_code=_DIVER.says(False),
    ),
)
