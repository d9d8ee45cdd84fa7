# ---- Groups described and compared: characteristics, response, adverse events, flow ---------------------------------------

ANALYSES$characteristics <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  tested <- option_of(analysis, "test", TRUE)
  distance <- p <- list()
  for (variable in unlist(analysis$options$variables)) {
    column <- study$frames$subjects$columns[[variable]]
    if (!variable %in% names(subjects)) {
      for (ending in c("", ".test", ".smd", ".shift", ".alternative")) skip(paste("derived column", variable), a, paste0(variable, ending))
      skip("rests on derived columns", a, "balance")
      next
    }
    values <- subjects[[variable]]
    counts <- list()
    for (key in labels_of(who)) {
      own <- values[inside(subjects, who, key)]
      if (is.numeric(own)) {
        put_summary(a, variable, key, own, c("n", "missing", "mean", "sd", "median", "q1", "q3", "min", "max"))
      } else {
        put(a, variable, key, list(n = sum(!is.na(own)), missing = sum(is.na(own))))
        flag <- is.logical(own)
        counts[[key]] <- if (flag) c(yes = sum(own, na.rm = TRUE), no = sum(!own, na.rm = TRUE)) else table(own)
        for (level in if (flag) "yes" else names(counts[[key]])) {
          known <- sum(!is.na(own))
          put(a, variable, key, list(n = counts[[key]][[level]], N = known,
                                     p = if (known) counts[[key]][[level]] / known else NA), level)
        }
      }
    }
    means <- if ("means" %in% names(analysis$options)) variable %in% unlist(analysis$options$means) else identical(column$summary, "mean-sd")
    ordered_levels <- is.ordered(values)
    sample_of <- function(key) {
      own <- values[inside(subjects, who, key)]
      own <- if (is.factor(own)) as.integer(own) - 1 else own
      own[!is.na(own)]
    }
    test <- global(who)
    if (tested && !is.null(test)) {
      if (is.numeric(values) || ordered_levels) {
        test_numbers(a, variable, lapply(test$keys, sample_of), test$name, means && is.numeric(values), ordered_levels)
      } else {
        test_counts(a, variable, do.call(rbind, counts[test$keys]), test$name)
      }
    }
    for (pair in who$pairs) {
      x <- sample_of(pair[1])
      y <- sample_of(pair[2])
      smd <- if (is.numeric(values)) smd_numbers(x, y) else smd_levels(counts[[pair[1]]], counts[[pair[2]]])
      put(a, paste0(variable, ".smd"), pair_name(pair), list(estimate = smd))
      if (is.numeric(values)) put(a, paste0(variable, ".shift"), pair_name(pair), if (means) welch(x, y) else hodges_lehmann(x, y))
      distance[[pair_name(pair)]] <- c(distance[[pair_name(pair)]], smd)
    }
  }
  threshold <- option_of(analysis, "balanced", 0.2)
  if (!all(unlist(analysis$options$variables) %in% names(subjects))) distance <- list()  # it is of all of them
  for (pair in names(distance)) {
    smd <- distance[[pair]]
    p <- vapply(unlist(analysis$options$variables), function(v) {
      found <- made[[key_of(a, paste0(v, ".test"), "", "", pair, "p_value")]]
      if (is.null(found)) NA_real_ else found$value
    }, 0)
    put(a, "balance", pair, list(n = sum(smd > threshold, na.rm = TRUE), N = sum(!is.na(smd)), threshold = threshold,
                                 below = sum(p < study$alpha, na.rm = TRUE), tests = sum(!is.na(p))))
  }
}

ANALYSES$proportion <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  for (outcome in unlist(analysis$options$outcomes)) {
    reached <- subjects[[paste0(outcome, ".outcome")]]
    if (is.null(reached)) {
      for (ending in c("", ".difference", ".odds_ratio", ".risk_ratio", ".test", ".alternative", ".trend", ".trend.alternative")) {
        skip("rests on a derived column", a, paste0(outcome, ending))
      }
      next
    }
    count <- function(key) { own <- reached[inside(subjects, who, key)]; c(sum(own, na.rm = TRUE), sum(!is.na(own))) }
    for (key in labels_of(who)) {
      k <- count(key)
      put_share(a, outcome, key, k[1], k[2])
      put(a, outcome, key, list(missing = sum(is.na(reached[inside(subjects, who, key)]))))
    }
    for (pair in who$pairs) {
      x <- count(pair[1])
      y <- count(pair[2])
      try_put(a, paste0(outcome, ".difference"),
              put(a, paste0(outcome, ".difference"), pair_name(pair), risk_difference(x[1], x[2], y[1], y[2])))
      put(a, paste0(outcome, ".odds_ratio"), pair_name(pair), odds_ratio(x[1], x[2], y[1], y[2]), iterated = TRUE)
      put(a, paste0(outcome, ".risk_ratio"), pair_name(pair), risk_ratio(x[1], x[2], y[1], y[2]), iterated = TRUE)
    }
    test <- global(who)
    if (option_of(analysis, "test", TRUE) && !is.null(test)) {
      counts <- t(vapply(test$keys, function(key) { k <- count(key); c(k[1], k[2] - k[1]) }, c(0, 0)))
      test_counts(a, outcome, counts, test$name)
      if (isTRUE(analysis$options$trend) && test$name == "arms") test_trend(a, paste0(outcome, ".trend"), counts[, 1], rowSums(counts))
    }
  }
}

# Shares in the order of the groups: Cochran-Armitage, and the exact test of the same scores beside it.
test_trend <- function(a, variable, hits, known) {
  if (small(known)) return(put(a, variable, "arms", list(p_value = NA)))
  if (sum(hits) == 0 || sum(hits) == sum(known)) return(put(a, variable, "arms", list(p_value = NA)))
  found <- prop.trend.test(hits, known, seq_along(hits))
  put(a, variable, "arms", list(statistic = unname(found$statistic), p_value = found$p.value))
  exact <- linear_by_linear(rep(seq_along(hits), hits), rep(seq_along(hits), known - hits))
  put(a, paste0(variable, ".alternative"), "arms", list(p_value = exact$p_value), exact$method)
}

ANALYSES$`adverse-events` <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  severe <- option_of(analysis, "severe", 3)
  for (term in unlist(analysis$options$terms)) {
    found <- attempt(toxicity(study$terms[[term]], frames))
    if (is.null(found)) {
      for (ending in c("", ".onset", ".duration", ".difference", ".superiority", ".test", ".alternative", ".shift", ".emergent")) {
        skip("grades derived from signs or laboratory values", a, paste0(term, ending))
      }
      next
    }
    hits <- list()
    for (key in labels_of(who)) {
      own <- found[inside(subjects, who, key), ]
      grade <- own$grade[!is.na(own$grade)]
      counts <- c(vapply(0:5, function(g) sum(grade == g), 0), sum(grade >= 1), sum(grade >= severe))
      names(counts) <- c(0:5, "any", "severe")
      for (level in names(counts)) put_share(a, term, key, counts[[level]], length(grade), level)
      hits[[key]] <- list(counts = counts, n = length(grade), grade = grade)
      put(a, term, key, list(missing = sum(is.na(own$grade))))
      for (spell in c("onset", "duration")) {
        put_summary(a, paste0(term, ".", spell), key, own[[spell]][own$grade %in% 1:5], c("n", "median", "q1", "q3", "min", "max"))
      }
    }
    for (pair in who$pairs) {
      x <- hits[[pair[1]]]
      y <- hits[[pair[2]]]
      for (level in c("any", "severe")) try_put(a, paste0(term, ".difference"), put(
        a, paste0(term, ".difference"), pair_name(pair), risk_difference(x$counts[[level]], x$n, y$counts[[level]], y$n), level))
      put(a, paste0(term, ".superiority"), pair_name(pair), superiority(x$grade, y$grade))
    }
    for (test in questions(who)) test_numbers(a, term, lapply(hits[test$keys], function(h) h$grade), test$name, levels = TRUE)
    shifts(a, term, found, who, subjects)
  }
}

# Grade at baseline against the worst grade, where anybody has a baseline.
shifts <- function(a, term, found, who, subjects) {
  if (is.null(found$baseline) || all(is.na(found$baseline))) return(invisible())
  for (key in labels_of(who)) {
    own <- found[inside(subjects, who, key) & !is.na(found$baseline) & !is.na(found$grade), , drop = FALSE]
    moved <- if (nrow(own)) table(paste0(own$baseline, "to", own$grade)) else list()
    for (move in names(moved)) put(a, paste0(term, ".shift"), key, list(n = moved[[move]]), move)
    worse <- sum(own$grade > own$baseline)
    put(a, paste0(term, ".emergent"), key, list(n = worse, N = nrow(own), p = if (nrow(own)) worse / nrow(own) else NA))
  }
}

ANALYSES$flow <- function(a, analysis, frames) {
  screening <- needed(frames, "screening")
  put(a, "screened", "all", list(n = nrow(screening)))
  left <- rep(TRUE, nrow(screening))
  for (stage in unlist(analysis$options$stages)) {
    passed <- left & screening[[stage]] %in% TRUE
    lost <- screening[left & !passed, , drop = FALSE]
    put(a, stage, "all", list(n = sum(passed)))
    put(a, paste0(stage, ".lost"), "all", list(n = nrow(lost)))
    if (length(analysis$options$reason)) {
      why <- as.character(lost[[analysis$options$reason]])
      why[is.na(why)] <- "reason not recorded"
      for (one in unique(why)) put(a, paste0(stage, ".lost"), "all", list(n = sum(why == one)), one)
    }
    left <- passed
  }
  put(a, "analysed", "all", list(n = nrow(frames$subjects)))
}
